import { WriteRefused } from './write-refused.ts'

const maxBytes = 1_048_576

/** The fields of a form, as browsers send them; of anything else, nothing. */
export async function readForm(request: Request): Promise<FormData> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw new WriteRefused('The form is too long.')
  try {
    return await request.formData()
  } catch {
    throw new WriteRefused('It was not sent as a form.')
  }
}
