/** `corrupt`: not a .tflite file, or damaged; `unsupported`: sound, but outside what we evaluate; `too_large`: past a cap. */
type TfliteFailure = 'corrupt' | 'unsupported' | 'too_large'

/** Why a .tflite file cannot be used. The message names the op, tensor or field. */
export class TfliteError extends Error {
  override readonly name = 'TfliteError'
  readonly reason: TfliteFailure

  constructor(reason: TfliteFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
