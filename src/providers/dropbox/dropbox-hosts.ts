/** Where Dropbox is. A tenant can't choose it, because tokens are sent there. */
export interface DropboxHosts {
  /** For people. */
  readonly web: string
  readonly api: string
  /** For uploads and downloads. */
  readonly content: string
}
