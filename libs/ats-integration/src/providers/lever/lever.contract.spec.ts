import { describe, expect, it } from '@jest/globals';
import { describeAtsProvider, readScenario } from '../../testing/index.js';
import { lever } from './index.js';

describeAtsProvider(
  { describe, it, expect },
  lever,
  readScenario(new URL('./fixtures/scenario.json', import.meta.url)),
);
