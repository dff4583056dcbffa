import type { Provider } from '@nestjs/common';
import { CommitPage } from './commit-page.js';
import { DeletionSweep } from './deletion-sweep.js';
import { FileRemovals } from './file-removals.js';
import { FollowUps } from './follow-ups.js';
import { ListedReads } from './listed-reads.js';
import { NamedProcessor } from './named-processor.js';
import { HeldDeletions } from './held-deletions.js';
import { ReadStream } from './read-stream.js';
import { ResumeClaims } from './resume-claims.js';
import { ResumeFiles } from './resume-files.js';
import { ResumeListing } from './resume-listing.js';
import { ResumeProcessor } from './resume-processor.js';
import { RunClaims } from './run-claims.js';
import { RunEndings } from './run-endings.js';
import { RunPreparation } from './run-preparation.js';
import { RunSync } from './run-sync.js';
import { StageMapper } from './stage-mapper.js';
import { SyncProcessor } from './sync-processor.js';
import { SyncRuns } from './sync-runs.js';
import { SyncSchedule } from './sync-schedule.js';
import { TargetedReads } from './targeted-reads.js';
import { TargetedSettlement } from './targeted-settlement.js';
import { TargetedStreams } from './targeted-streams.js';

export const SYNC_PROVIDERS: readonly Provider[] = [
  SyncSchedule,
  SyncRuns,
  SyncProcessor,
  RunClaims,
  RunPreparation,
  RunSync,
  ReadStream,
  CommitPage,
  FollowUps,
  ListedReads,
  NamedProcessor,
  TargetedReads,
  TargetedStreams,
  TargetedSettlement,
  DeletionSweep,
  HeldDeletions,
  FileRemovals,
  RunEndings,
  ResumeProcessor,
  ResumeClaims,
  ResumeListing,
  ResumeFiles,
  StageMapper,
];
