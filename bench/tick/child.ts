import { type ChildProcess, fork } from 'node:child_process'

/** A process of the bench that answers one request at a time. */
export interface Child<Request, Answer> {
  ask(request: Request): Promise<Answer>
  stop(): Promise<void>
}

export function startChild<Request extends object, Answer>(
  file: URL,
  nodeOptions: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Child<Request, Answer> {
  const env = { ...variables, ...process.env }
  const child: ChildProcess = fork(file, { execArgv: [...nodeOptions], serialization: 'advanced', env })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  return {
    ask: (request) =>
      new Promise<Answer>((resolve, reject) => {
        const onMessage = (answer: Answer | Failed) => {
          settle()
          if (isFailed(answer)) reject(new Error(answer.failed))
          else resolve(answer)
        }
        const onExit = () => {
          settle()
          reject(new Error(`${file.pathname} ended early`))
        }
        const settle = () => child.off('message', onMessage as never).off('exit', onExit)
        child.on('message', onMessage as never).on('exit', onExit)
        child.send(request)
      }),
    async stop() {
      child.disconnect()
      await exited
    },
  }
}

interface Failed {
  readonly failed: string
}

function isFailed(answer: unknown): answer is Failed {
  return typeof answer === 'object' && answer !== null && 'failed' in answer
}

/** The child's side: answers requests until the parent goes. */
export function answerRequests<Request, Answer>(answer: (request: Request) => Promise<Answer>): void {
  process.on('message', (request: Request) => {
    answer(request).then(
      (result) => process.send?.(result),
      (error: Error) => process.send?.({ failed: error.stack ?? error.message }),
    )
  })
  process.on('disconnect', () => process.exit())
}
