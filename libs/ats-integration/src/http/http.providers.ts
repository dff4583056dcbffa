import type { Provider } from '@nestjs/common';
import { FileDownload } from './file-download.js';
import { HttpAgent } from './http-agent.js';
import { RateBudgets } from './rate-budgets.js';

export const HTTP_PROVIDERS: readonly Provider[] = [HttpAgent, RateBudgets, FileDownload];
