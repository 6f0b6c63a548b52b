import { NextResponse, type NextRequest } from 'next/server';
import { sessions } from './sessions';

/** Before Next.js 16 this file is `middleware.ts`, and the function `middleware`. */
export const proxy = (request: NextRequest) => sessions().middleware(request, NextResponse);

export const config = {
  matcher: [
    {
      // All pages, and no files.
      source: '/((?!_next/|.*\\.\\w+$).*)',
      // Next.js hides from this function that a request is a prefetch, so it must not be called for one.
      missing: [{ type: 'header', key: 'next-router-prefetch' }],
    },
  ],
};
