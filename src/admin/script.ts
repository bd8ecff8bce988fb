import { staticFile } from './static-file.ts'

/**
 * What makes the console nicer where scripts run; all of it works without. Filters apply while they are changed, dangerous
 * actions ask first, pages about something under way load anew by themselves unless somebody is writing.
 */
export const script = staticFile(
  'console.js',
  'text/javascript',
  `'use strict'
for (const form of document.querySelectorAll('form[data-live]')) {
  form.classList.add('is-live')
  form.addEventListener('change', () => form.requestSubmit())
  form.addEventListener('submit', () => {
    for (const field of form.elements) if (field.name && field.value === '') field.disabled = true
  })
}
for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault()
  })
}
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return
    for (const button of form.querySelectorAll('button')) button.setAttribute('aria-busy', 'true')
  })
}
const seconds = Number(document.documentElement.dataset.refresh)
if (seconds > 0) {
  setInterval(() => {
    const isWriting = document.activeElement?.matches('input, select, textarea')
    const isReading = document.querySelector('details[open]')
    if (!document.hidden && !isWriting && !isReading) location.reload()
  }, seconds * 1000)
}
`,
)
