import { WriteRefused } from './write-refused.ts'

const maxBytes = 1_048_576

/** The fields of a form, as browsers send them; of anything else, nothing. */
export async function readForm(request: Request): Promise<FormData> {
  // A length need not be told, nor be true: what arrives is counted.
  let size = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.byteLength
      if (size > maxBytes) controller.error(new Error('too long'))
      else controller.enqueue(chunk)
    },
  })
  const type = request.headers.get('content-type') ?? ''
  try {
    return await new Response(request.body?.pipeThrough(counted), { headers: { 'content-type': type } }).formData()
  } catch {
    throw new WriteRefused(size > maxBytes ? 'The form is too long.' : 'It was not sent as a form.')
  }
}
