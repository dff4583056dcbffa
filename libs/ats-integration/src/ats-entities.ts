import { Connection } from './connections/connection.entity.js';
import { Issue } from './connections/issue.entity.js';
import { FieldChange } from './field-changes/field-change.entity.js';
import { StageMapping } from './mapping/stage-mapping.entity.js';
import { StageChange } from './outbound/stage-change.entity.js';
import {
  AtsApplication,
  AtsCandidate,
  AtsJob,
  AtsResume,
  AtsStage,
  AtsStageStay,
  AtsUser,
} from './records/record.entities.js';
import { SyncRun } from './sync/sync-run.entity.js';
import { SyncStream } from './sync/sync-stream.entity.js';

/** The library's entities: add them to the host's MikroORM `entities`, its CLI sees them too. */
export const ATS_ENTITIES = [
  Connection,
  Issue,
  SyncRun,
  SyncStream,
  StageMapping,
  AtsUser,
  AtsJob,
  AtsStage,
  AtsCandidate,
  AtsApplication,
  AtsResume,
  AtsStageStay,
  StageChange,
  FieldChange,
] as const;
