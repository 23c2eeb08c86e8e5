/** Makes something when it is first asked for, and keeps it. What fails is made anew for who asks next. */
export function onceItWorks<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    const mine = made
    mine.catch(() => {
      if (made === mine) made = undefined
    })
    return mine
  }
}
