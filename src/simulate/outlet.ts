/** What an outlet tells people. */
export interface OutletReport {
  /** It does not work; told once until it works again. */
  failed(message: string): void
  worksAgain(message: string): void
}

/** A way for readings out of the world. The world never waits for it. */
export interface Outlet<T> {
  /** Sends something in the background; what is still under way from before is not queued behind, it is left out. */
  send(what: T): void
  /** Waits for what is under way, at most until the signal. */
  close(signal: AbortSignal): Promise<void>
}

/** Ticks in a row that must be left out until that is told. */
const SLOW_AFTER = 2

/**
 * An outlet whose target may be down: that is told once, every tick tries again, and so is the end of it.
 *
 * @param name of the target, as people know it: `push to http://127.0.0.1:9797`
 * @param deliver rejects when the target did not take it
 */
export function createOutlet<T>(
  name: string,
  deliver: (what: T, signal: AbortSignal) => Promise<void>,
  report: OutletReport,
): Outlet<T> {
  const stop = new AbortController()
  let underWay: Promise<void> | undefined
  let leftOut = 0
  let fails = false

  function failed(why: string): void {
    if (!fails) report.failed(`${name}: ${why}; the world goes on, every tick tries again`)
    fails = true
  }

  async function attempt(what: T): Promise<void> {
    try {
      await deliver(what, stop.signal)
      if (fails) report.worksAgain(`${name} works again`)
      fails = false
    } catch (error) {
      if (!stop.signal.aborted) failed((error as Error).message)
    }
  }

  return {
    send(what) {
      if (underWay !== undefined) {
        leftOut++
        // A busy moment is none of anybody's business.
        if (leftOut >= SLOW_AFTER) failed('it takes longer than a tick')
        return
      }
      leftOut = 0
      underWay = attempt(what).finally(() => {
        underWay = undefined
      })
    },
    async close(signal) {
      const abort = () => stop.abort()
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      await underWay
      signal.removeEventListener('abort', abort)
    },
  }
}
