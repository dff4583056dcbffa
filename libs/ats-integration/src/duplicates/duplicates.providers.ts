import type { Provider } from '@nestjs/common';
import { CandidateMerges } from './candidate-merges.js';
import { DuplicateSearch } from './duplicate-search.js';
import { Duplicates } from './duplicates.js';

export const DUPLICATE_PROVIDERS: readonly Provider[] = [DuplicateSearch, Duplicates, CandidateMerges];
