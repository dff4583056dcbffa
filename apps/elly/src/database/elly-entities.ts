import { CreditEntrySchema } from '../billing/credit-entry.entity.js';
import { CandidateSchema } from '../candidates/candidate.entity.js';
import { ResumeSchema } from '../candidates/resume.entity.js';
import { JobSchema } from '../jobs/job.entity.js';
import { ApplicationSchema } from '../pipeline/application.entity.js';
import { StageSchema } from '../pipeline/stage.entity.js';
import { UserSchema } from '../session/user.entity.js';
import { WorkspaceSchema } from '../workspaces/workspace.entity.js';

export const ELLY_ENTITIES = [
  WorkspaceSchema,
  UserSchema,
  CreditEntrySchema,
  JobSchema,
  CandidateSchema,
  ResumeSchema,
  StageSchema,
  ApplicationSchema,
];
