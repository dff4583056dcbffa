import type { Provider } from '@nestjs/common';
import { Attempts } from './attempts.js';
import { ChangeClaims } from './change-claims.js';
import { ChangeDecisions } from './change-decisions.js';
import { ChangeEndings } from './change-endings.js';
import { ChangeHistory } from './change-history.js';
import { ChangeRoute } from './change-route.js';
import { ChangeWake } from './change-wake.js';
import { FindTarget } from './find-target.js';
import { MoveReasons } from './move-reasons.js';
import { OutboundProcessor } from './outbound-processor.js';
import { OutboundSchedule } from './outbound-schedule.js';
import { ParkChange } from './park-change.js';
import { SendChange } from './send-change.js';
import { SettleChange } from './settle-change.js';
import { StageChanges } from './stage-changes.js';
import { StrandedChanges } from './stranded-changes.js';

export const OUTBOUND_PROVIDERS: readonly Provider[] = [
  StageChanges,
  ChangeHistory,
  ChangeDecisions,
  MoveReasons,
  OutboundSchedule,
  OutboundProcessor,
  ChangeClaims,
  SendChange,
  ChangeRoute,
  FindTarget,
  Attempts,
  ChangeEndings,
  SettleChange,
  ParkChange,
  StrandedChanges,
  ChangeWake,
];
