package shop.example.auth

import android.content.SharedPreferences
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties.PURPOSE_SIGN
import android.util.Base64
import java.io.IOException
import java.security.KeyStore
import javax.crypto.*
import okhttp3.*
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.RequestBody.Companion.toRequestBody
import org.json.JSONObject

/** [kept]: EncryptedSharedPreferences. [ended]: called with the code when the service has ended the session. */
class KeyturnAuthenticator(
    private val url: String,
    private val kept: SharedPreferences,
    private val ended: (code: String) -> Unit,
) : Authenticator, Interceptor {
    private val plain = OkHttpClient.Builder().followRedirects(false).build() // A redirect would carry the token along.

    override fun intercept(chain: Interceptor.Chain): Response {
        val token = kept.getString("access", null) ?: return chain.proceed(chain.request())
        return chain.proceed(chain.request().with(token)).also { answer ->
            answer.header("Renewed-Access-Token")?.let { if (isLater(it, token)) kept.edit().putString("access", it).commit() }
        }
    }

    /** OkHttp calls it for a 401, one request after the other; null gives the 401 to the caller. */
    @Synchronized
    override fun authenticate(route: Route?, response: Response): Request? {
        if (response.priorResponse != null || codeOf(response) != "token_expired") return null
        val used = response.request.header("Authorization")?.removePrefix("Bearer ")
        val held = kept.getString("access", null) ?: return null
        // Another request has refreshed meanwhile.
        return response.request.with(if (held != used) held else refresh() ?: return null)
    }

    private fun refresh(): String? {
        val token = kept.getString("refresh", null) ?: return null
        val body = JSONObject().put("refresh_token", token).toString().toRequestBody("application/json".toMediaType())
        val request = Request.Builder().url("$url/refresh").header("Idempotency-Key", attemptKey(token)).post(body)
        plain.newCall(request.build()).execute().use { answer ->
            val text = answer.body?.string().orEmpty()
            val fields = runCatching { JSONObject(text) }.getOrNull()
            val code = fields?.optString("code").orEmpty()
            if (answer.code == 401 && code in ENDS) {
                kept.edit().remove("access").remove("refresh").commit()
                ended(code)
                return null
            }
            // 503, 429, a captive portal: the tokens are kept, and the caller tries again later.
            if (answer.code != 200 || fields?.has("access_token") != true) throw IOException("no refresh: ${answer.code}")
            if (kept.getString("refresh", null) != token) return null // Logged out meanwhile.
            val access = fields.getString("access_token")
            kept.edit().putString("access", access).putString("refresh", fields.getString("refresh_token")).commit()
            return access
        }
    }

    /** The same for each try with this token; the secret never leaves the key store. */
    private fun attemptKey(token: String): String {
        val store = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
        val key = store.getKey("keyturn", null) as SecretKey? ?: KeyGenerator.getInstance("HmacSHA256", "AndroidKeyStore")
            .apply { init(KeyGenParameterSpec.Builder("keyturn", PURPOSE_SIGN).build()) }.generateKey()
        val mac = Mac.getInstance("HmacSHA256").apply { init(key) }.doFinal(token.toByteArray())
        return Base64.encodeToString(mac, Base64.URL_SAFE or Base64.NO_WRAP or Base64.NO_PADDING)
    }
}

private val ENDS = setOf("token_reused", "session_ended", "session_revoked", "session_replaced", "token_invalid")
private fun Request.with(token: String) = newBuilder().header("Authorization", "Bearer $token").build()
private fun codeOf(answer: Response) = runCatching { JSONObject(answer.peekBody(4096).string()).optString("code") }.getOrNull()
private fun claims(token: String) = JSONObject(String(Base64.decode(token.split(".")[1], Base64.URL_SAFE)))
private fun isLater(new: String, old: String) =
    claims(new).let { it.optString("sid") == claims(old).optString("sid") && it.optLong("exp") > claims(old).optLong("exp") }
