import type { Tone } from './badge.tsx'

/** A figure that matters, with what it counts, and a way to what is behind it. */
export function Tile({
  href,
  figure,
  name,
  detail,
  tone = 'calm',
}: {
  href: string
  figure: string
  name: string
  detail: string
  tone?: Tone
}) {
  return (
    <a class={`tile ${tone}`} href={href}>
      <span class="name">{name}</span>
      <strong>{figure}</strong>
      <span class="sub">{detail}</span>
    </a>
  )
}
