import type { Provider } from '@nestjs/common';
import { Banners } from './banners.js';
import { ConnectionOverview } from './connection-overview.js';
import { RecordLookup } from './record-lookup.js';
import { RunHistory } from './run-progress.js';
import { SetAsideRecords } from './set-aside-records.js';
import { StageHistory } from './stage-history.js';

export const INSIGHT_PROVIDERS: readonly Provider[] = [
  Banners,
  ConnectionOverview,
  RunHistory,
  SetAsideRecords,
  RecordLookup,
  StageHistory,
];
