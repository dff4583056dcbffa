import { Module } from '@nestjs/common';
import { ActivityController } from './activity.controller.js';
import { RecentActivity } from './recent-activity.js';

@Module({ controllers: [ActivityController], providers: [RecentActivity], exports: [RecentActivity] })
export class ActivityModule {}
