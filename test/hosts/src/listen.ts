import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';

/** Serves on `PORT`; a start that is refused ends with its message. */
export async function listen(create: () => Promise<INestApplication>): Promise<void> {
  try {
    const app = await create();
    app.enableShutdownHooks();
    await app.listen(Number(process.env.PORT), '127.0.0.1');
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
