import { isIP } from 'node:net'
import { z } from 'zod'

/** An address, or a network of them. */
const network = z.string().refine((entry) => {
  const [address, prefix] = entry.split('/')
  const family = isIP(address)
  return (
    family !== 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)))
  )
}, 'is not an address or a network, such as 10.0.0.5 or 10.0.0.0/8')

/** The key `allow_addresses` of receivers whose address is chosen freely. */
export const allowAddresses = () =>
  z
    .array(network)
    .max(100)
    .meta({ notation: 'a list of addresses and networks', example: '[10.0.0.0/8]' })
    .default([])
    .describe('Addresses that may be reached although they are not public.')
