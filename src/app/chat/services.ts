import type { ChatServices } from '../../notify/answers.ts'
import { runCommand } from './commands.ts'
import type { ChatDependencies } from './dependencies.ts'
import { press } from './press.ts'

export function createChatServices(dependencies: ChatDependencies): ChatServices {
  return {
    press: (nonce, person) => press(nonce, person, dependencies),
    command: (name, words, person, at) => runCommand({ name, words, person, at }, dependencies),
  }
}
