import { connect } from '../../../../connectors.ts'

// The header stands for whatever tells you which tenant is asking.
export async function POST(request: Request): Promise<Response> {
  return Response.json(await connect(request.headers.get('x-tenant') ?? '', await request.json()), { status: 201 })
}
