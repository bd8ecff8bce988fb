import { type ChildProcess, fork } from 'node:child_process'

/** A helper process: asked one thing at a time, by messages. Ends with this process. */
export interface Child {
  readonly ask: <Answer>(question: unknown) => Promise<Answer>
  readonly end: () => void
}

/** Starts a file of `bench/lines`; `onStart` is what it says first. */
export async function startChild<Start>(
  name: string,
  settings: unknown = null,
): Promise<Child & { readonly started: Start }> {
  const file = new URL(`./${name}.mjs`, import.meta.url).pathname
  const child = fork(file, [JSON.stringify(settings)], { execArgv: ['--expose-gc'] })
  const started = await next<Start>(child)
  return {
    started,
    ask: (question) => {
      const answer = next<never>(child)
      child.send(question as object)
      return answer
    },
    end: () => void child.disconnect(),
  }
}

function next<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`A helper process ended with ${code}.`))
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message as Message)
    })
  })
}
