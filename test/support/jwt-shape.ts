/**
 * A token of Keyturn within a text: header and payload begin with `{"`. Two letters of it would also be found in random
 * ids, once in some hundred runs.
 */
export const JWT_SHAPE = /ey[\w-]+\.ey[\w-]+\.[\w-]/;
