export { type StorageAdapter, type StoragePageRequest, type StorageUpload, storageMethods } from './storage-adapter.ts'
export {
  type StorageChange,
  type StorageDeletion,
  type StorageEntry,
  type StorageFile,
  type StorageFolder,
  storageChangeSchema,
  storageDeletionSchema,
  storageEntrySchema,
  storageFileSchema,
  storageFolderSchema,
} from './storage-entry.ts'
export { storageFamily } from './storage-family.ts'
