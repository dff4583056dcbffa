import type { Provider } from '@nestjs/common';
import { FieldAttempts } from './field-attempts.js';
import { FieldChangeHistory } from './field-change-history.js';
import { FieldChanges } from './field-changes.js';
import { FieldClaims } from './field-claims.js';
import { FieldEndings } from './field-endings.js';
import { FieldProcessor } from './field-processor.js';
import { FieldRoutes } from './field-route.js';
import { FieldSchedule } from './field-schedule.js';
import { FieldWake } from './field-wake.js';
import { SendFields } from './send-fields.js';
import { SettleFields } from './settle-fields.js';
import { StrandedEdits } from './stranded-edits.js';

export const FIELD_CHANGE_PROVIDERS: readonly Provider[] = [
  FieldChanges,
  FieldChangeHistory,
  FieldSchedule,
  FieldProcessor,
  FieldClaims,
  SendFields,
  FieldRoutes,
  FieldAttempts,
  FieldEndings,
  SettleFields,
  StrandedEdits,
  FieldWake,
];
