import { Module } from '@nestjs/common';
import { FolderFileStore } from './folder-file-store.js';

@Module({ providers: [FolderFileStore], exports: [FolderFileStore] })
export class FilesModule {}
