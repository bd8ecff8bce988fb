export type { JobConsumer, JobEnd, JobName, JobQueue, QueuedJob } from '../core/domain/job.ts'
export { inProcessQueue } from './in-process-queue.ts'
