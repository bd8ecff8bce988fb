import { onTestFinished } from 'vitest'
import { tcpProxy } from './tcp-proxy.ts'

/**
 * The URL of a database through a line that lets every COMMIT through and loses the answer; closed when the test is over.
 *
 * @param commit the statement as the client writes it
 */
export async function losingCommitAnswers(url: string, commit = 'COMMIT'): Promise<string> {
  const direct = new URL(url)
  const proxy = await tcpProxy(direct.hostname, Number(direct.port))
  onTestFinished(proxy.close)
  proxy.cutAnswersTo(commit)
  direct.port = String(proxy.port)
  return direct.href
}
