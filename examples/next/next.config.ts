import type { NextConfig } from 'next';

// Next.js looks for the default export.
// oxlint-disable-next-line import/no-default-export
export default {
  // This folder, and not the repository around it, is the application.
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
} satisfies NextConfig;
