import { z } from 'zod'
import { flag, httpUrl, listenAddress, matchers, oneOf, section, text } from './fields.ts'

const filePath = (example: string) => text('a path', example)
const variable = (example: string) => text('the name of an environment variable', example)
/** What somebody may do; each includes the ones before it. */
const role = () => oneOf(['read', 'operate', 'admin'])
const scope = () =>
  matchers()
    .optional()
    .describe(
      'Label selector of the targets that are seen: `{job="node"}`; what lies outside is not there. Empty: all.',
    )

const tokens = z
  .array(
    z.strictObject({
      name: text('a name', 'ops').describe('Who it is, for the audit.'),
      token_file: filePath('/run/secrets/ops-token').optional().describe('File that holds the token.'),
      token_env: variable('HOMEOSTAT_TOKEN').optional().describe('Environment variable that holds the token.'),
      role: role().describe('What its holder may do.'),
      matchers: scope(),
    }),
  )
  .max(200)
  .meta({ notation: 'a list' })

const users = z
  .array(
    z.strictObject({
      name: text('a user name', 'alice').describe('User name.'),
      password_hash_file: filePath('/run/secrets/alice-hash')
        .optional()
        .describe('File that holds the bcrypt hash of the password.'),
      password_hash_env: variable('HOMEOSTAT_ALICE_HASH')
        .optional()
        .describe('Environment variable that holds the bcrypt hash of the password.'),
      role: role().describe('What the user may do.'),
      matchers: scope(),
    }),
  )
  .max(200)
  .meta({ notation: 'a list' })

const jwt = z.strictObject({
  secret_file: filePath('/run/secrets/jwt-secret')
    .optional()
    .describe('File that holds the shared secret, of 32 characters or more; algorithms HS256, HS384, HS512.'),
  secret_env: variable('HOMEOSTAT_JWT_SECRET')
    .optional()
    .describe('Environment variable that holds the shared secret.'),
  jwks_file: filePath('/etc/homeostat/jwks.json')
    .optional()
    .describe(
      'File with the issuer’s public keys (JWKS); algorithms RS256 to RS512, PS256 to PS512, ES256 to ES512, EdDSA.',
    ),
  jwks_url: httpUrl('https://id.example.com/keys').optional().describe('URL of the issuer’s public keys (JWKS).'),
  issuer: text('a text', 'https://id.example.com').describe('The claim `iss` that a token must have.'),
  audience: text('a text', 'homeostat').describe('The claim `aud` that a token must have.'),
  role_claim: text('a claim', 'role')
    .default('role')
    .describe('Claim that holds read, operate or admin, or a list with one of them.'),
  matchers_claim: text('a claim', 'homeostat_matchers')
    .default('homeostat_matchers')
    .describe('Claim that may hold a label selector of the targets that are seen.'),
})

const auth = section({
  tokens: tokens
    .default([])
    .describe(
      'Bearer tokens: a `name`, exactly one of `token_file` and `token_env`, a `role`, and perhaps `matchers`.',
    ),
  users: users
    .default([])
    .describe(
      'People who sign in with a password: a `name`, exactly one of `password_hash_file` and `password_hash_env`, a `role`, and perhaps `matchers`.',
    ),
  jwt: jwt
    .optional()
    .describe(
      'Bearer tokens that somebody else issues. Exactly one of `secret_file`, `secret_env`, `jwks_file` and `jwks_url`.',
    ),
})

const tls = section({
  cert_file: filePath('/etc/homeostat/server.pem')
    .optional()
    .describe('Certificate of this server (PEM, with its chain); then https is served, and http is not.'),
  key_file: filePath('/etc/homeostat/server.key').optional().describe('Key of the certificate (PEM).'),
  client_ca_file: filePath('/etc/homeostat/clients-ca.pem')
    .optional()
    .describe('CA certificates (PEM); every client must then show a certificate that one of them has signed.'),
  client_role: role()
    .optional()
    .describe('Role of a client that shows such a certificate and no other credential; empty: none.'),
})

/** The HTTP server, and who may do what there. */
export const webSchema = section({
  listen_address: listenAddress()
    .prefault('127.0.0.1:9797')
    .describe(
      'Address to serve on. Also --web.listen-address and HOMEOSTAT_LISTEN_ADDRESS. Beyond loopback only with `auth`.',
    ),
  auth: auth
    .prefault({})
    .describe('Who may do what; see docs/security.md. Roles: read, operate (also acts), admin (also configures).'),
  tls: tls.prefault({}).describe('TLS of this server.'),
  metrics_auth: flag().default(false).describe('Ask for a credential with the role read on /metrics too.'),
  allow_unauthenticated: flag()
    .default(false)
    .describe(
      'DANGER: serve beyond loopback although nobody is asked who they are. Everyone who reaches the address can read all scores, reload the configuration, invent alerts, and approve and request actions. Put a firewall or an authenticating proxy in front.',
    ),
})
