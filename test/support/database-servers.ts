import { mysqlServer } from './mysql-server.ts'
import { postgresServer } from './postgres-server.ts'
import { redisServer } from './redis-server.ts'

/**
 * Finds or starts the database servers once for a run of the tests, and tells the workers by environment variables:
 * TEST_POSTGRES_URL, and TEST_MYSQL_URL and TEST_REDIS_URL, or TEST_MYSQL_MISSING and TEST_REDIS_MISSING with the reason.
 */
export async function setup(): Promise<() => Promise<void>> {
  const mysql = await mysqlServer()
  if (mysql.isThere) {
    process.env.TEST_MYSQL_URL = mysql.url
  } else {
    if (process.env.CI === 'true') throw new Error(`CI tests every database, but there is ${mysql.reason}.`)
    process.env.TEST_MYSQL_MISSING = mysql.reason
    console.warn(`Not tested on MariaDB and MySQL: ${mysql.reason}.`)
  }
  const redis = await redisServer()
  if (redis.isThere) {
    process.env.TEST_REDIS_URL = redis.url
  } else {
    if (process.env.CI === 'true') throw new Error(`CI tests rate limits on Redis, but there is ${redis.reason}.`)
    delete process.env.TEST_REDIS_URL
    process.env.TEST_REDIS_MISSING = redis.reason
    console.warn(`Not tested on Redis: ${redis.reason}.`)
  }
  const postgres = await postgresServer()
  process.env.TEST_POSTGRES_URL = postgres.url
  return postgres.stop
}
