import { z } from 'zod'
import { openApiDocument } from '../document.ts'

interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>>
}

const document = openApiDocument('1.2.3')
/** References among the components, as they stand in a schema by itself. */
const definitions = JSON.parse(
  JSON.stringify(document.components?.schemas).replaceAll('#/components/schemas/', '#/$defs/'),
)
const checks = new Map<object, z.ZodType>()

/** What the document says that an operation answers, with a status and of a type; undefined where it says nothing. */
export function describedAnswer(method: string, pattern: string, status: number, type: string): z.ZodType | undefined {
  const paths = document.paths as Record<string, Record<string, Described>>
  const schema = paths[pattern]?.[method.toLowerCase()]?.responses[status]?.content?.[type]?.schema
  if (schema === undefined) return undefined
  const check = checks.get(schema) ?? checkOf(schema)
  checks.set(schema, check)
  return check
}

/** What the document says that a component is. */
export function describedComponent(name: string): z.ZodType {
  return checkOf({ $ref: `#/components/schemas/${name}` })
}

function checkOf(schema: object): z.ZodType {
  const local = JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/'))
  return z.fromJSONSchema({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...local, $defs: definitions })
}
