import { deliveries } from '../../../../../../connectors.ts'

export async function GET(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const { id } = await params
  return Response.json(await deliveries(request.headers.get('x-tenant') ?? '', id))
}
