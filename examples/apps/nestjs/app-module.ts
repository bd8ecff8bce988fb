import { Body, Controller, Get, Headers, Inject, Module, type OnApplicationShutdown, Param, Post } from '@nestjs/common'
import { connect, connectors, deliveries } from '../connectors.ts'

/** The application's own use of the library. Named in `@Inject`, because not every compiler emits types of parameters. */
class ConnectionsService implements OnApplicationShutdown {
  readonly connect = connect
  readonly deliveries = deliveries

  onApplicationShutdown() {
    return connectors.close()
  }
}

@Controller('api/connections')
class ConnectionsController {
  private readonly connections: ConnectionsService

  constructor(@Inject(ConnectionsService) connections: ConnectionsService) {
    this.connections = connections
  }

  // The header stands for whatever tells you which tenant is asking.
  @Post()
  connect(@Headers('x-tenant') tenantId: string, @Body() input: unknown) {
    return this.connections.connect(tenantId, input)
  }

  @Get(':id/deliveries')
  deliveries(@Headers('x-tenant') tenantId: string, @Param('id') id: string) {
    return this.connections.deliveries(tenantId, id)
  }
}

@Module({ controllers: [ConnectionsController], providers: [ConnectionsService] })
export class AppModule {}
