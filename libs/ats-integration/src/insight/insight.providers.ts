import type { Provider } from '@nestjs/common';
import { ConnectionOverview } from './connection-overview.js';
import { RecordLookup } from './record-lookup.js';
import { RunHistory } from './run-progress.js';
import { SetAsideRecords } from './set-aside-records.js';

export const INSIGHT_PROVIDERS: readonly Provider[] = [ConnectionOverview, RunHistory, SetAsideRecords, RecordLookup];
