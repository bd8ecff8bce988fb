import { access, constants, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'

/**
 * A fresh folder for databases of tests, in memory where the system has room for files there: no test asks what survives a
 * power failure, and waiting for the disk at each COMMIT is most of what SQLite does. Whoever asks removes it.
 */
export async function temporaryFolder(purpose: string): Promise<string> {
  const isWritable = await access(memory, constants.W_OK).then(
    () => true,
    () => false,
  )
  return mkdtemp(join(isWritable ? memory : tmpdir(), `connectors-${purpose}-`))
}
