import { expect, it } from 'vitest'
import { onceItWorks } from './once-it-works.ts'

it('makes it once for all who ask, and anew after a failure', async () => {
  const outcomes = [Promise.reject(new Error('no room')), Promise.resolve('text')]
  let made = 0
  const text = onceItWorks(() => outcomes[made++])

  const failed = await Promise.allSettled([text(), text()])
  const answers = [await text(), await text()]

  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(answers).toEqual(['text', 'text'])
  expect(made).toBe(2)
})
