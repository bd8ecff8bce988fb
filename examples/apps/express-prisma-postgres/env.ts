import { z } from 'zod'

/** What the environment has to say. A process that lacks something ends at once, and names it. */
export const env = z
  .object({
    DATABASE_URL: z.url(),
    /** Both by `npx bapp-connectors keygen`. */
    CONNECTORS_KEY_ID: z.string(),
    CONNECTORS_KEY: z.string(),
    /** Where shops reach the web process. */
    PUBLIC_URL: z.url().default('http://localhost:3000'),
    PORT: z.coerce.number().default(3000),
    NODE_ENV: z.string().optional(),
  })
  .parse(process.env)
