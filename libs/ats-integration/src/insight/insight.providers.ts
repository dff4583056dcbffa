import type { Provider } from '@nestjs/common';
import { Banners } from './banners.js';
import { ConnectionOverview } from './connection-overview.js';
import { AskById } from './explain/ask-by-id.js';
import { Explain } from './explain/explain.js';
import { ImportPreview } from './preview/import-preview.js';
import { KnownPeople } from './preview/known-people.js';
import { PreviewStanding } from './preview/preview-standing.js';
import { Provenance } from './provenance/provenance.js';
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
  KnownPeople,
  PreviewStanding,
  ImportPreview,
  AskById,
  Explain,
  Provenance,
];
