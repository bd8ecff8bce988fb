import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { toNodeHandler } from 'bapp-connectors/http'
import { connectors, processWebhooks } from '../connectors.ts'
import { AppModule } from './app-module.ts'

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] })

// Before `listen` or `init`, which put Nest's body parsers behind it: signatures cover the raw bytes.
app.use(['/webhooks', '/oauth'], toNodeHandler(connectors.handler))

app.enableShutdownHooks()
processWebhooks()
await app.listen(Number(process.env.PORT ?? 3000))
console.log(`listening on ${await app.getUrl()}`)
