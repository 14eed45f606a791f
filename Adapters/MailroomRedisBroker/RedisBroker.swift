/// Where a Redis or Valkey server is, and how to talk to it.
package struct RedisAddress: Hashable, Sendable {
    package var host: String
    package var port: Int
}
