import type { Provider } from '@nestjs/common';
import { PlanCheck } from './assert-plan.js';
import { PlanUsage } from './plan-usage.js';

export const PLAN_PROVIDERS: readonly Provider[] = [PlanCheck, PlanUsage];
