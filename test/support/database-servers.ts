import { mysqlServer } from './mysql-server.ts'
import { postgresServer } from './postgres-server.ts'

/**
 * Finds or starts the database servers once for a run of the tests, and tells the workers by environment variables:
 * TEST_POSTGRES_URL, and TEST_MYSQL_URL or TEST_MYSQL_MISSING with the reason.
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
  const postgres = await postgresServer()
  process.env.TEST_POSTGRES_URL = postgres.url
  return postgres.stop
}
