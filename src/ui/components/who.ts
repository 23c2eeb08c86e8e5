/** Who did it, in words. */
export function whoOf(by: string): string {
  if (by === 'homeostat') return 'Homeostat'
  if (by === 'api') return 'somebody over the API'
  const [door, ...name] = by.split(':')
  if (name.length === 0) return by
  return door === 'api' ? name.join(':') : `${name.join(':')} (${door})`
}
