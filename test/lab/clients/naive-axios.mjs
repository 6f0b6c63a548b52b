// The interceptor that most tutorials show: any 401 means refresh, and a refresh that fails means "log in again".
import { create } from 'axios';
import { work } from './work.mjs';

const { LAB_URL, LAB_EMAIL: email, LAB_PASSWORD: password } = process.env;
let tokens = null;

const plain = create();
const api = create();
api.interceptors.request.use((config) => {
  if (tokens) config.headers.Authorization = `Bearer ${tokens.access_token}`;
  return config;
});
api.interceptors.response.use(undefined, async (error) => {
  const request = error.config;
  if (error.response?.status !== 401 || request._retry) throw error;
  request._retry = true;
  try {
    const { data } = await plain.post(`${LAB_URL}/auth/refresh`, { refresh_token: tokens.refresh_token });
    tokens = data;
  } catch (refused) {
    tokens = null;
    throw refused;
  }
  return api(request);
});

const { data } = await plain.post(`${LAB_URL}/auth/login`, { email, password });
tokens = data;
await work({
  get: async (url) => (await api.get(url)).data,
  post: async (url, body) => (await api.post(url, body)).data,
  logout: async () => {
    const left = tokens;
    tokens = null;
    await plain.post(`${LAB_URL}/auth/logout`, { refresh_token: left.refresh_token });
  },
  state: () => ({ session: tokens ? 'in' : 'out', reason: null }),
});
