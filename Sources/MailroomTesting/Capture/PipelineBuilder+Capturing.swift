public import Mailroom

extension PipelineBuilder {
    /// The same composition with all that it would send captured: the transport of every channel that it has or names
    /// is replaced, and that for mail in any case. The rest stays as it is.
    ///
    /// ```swift
    /// let capture = CaptureTransport()
    /// let pipeline = try composition.broker(.memory()).capturing(capture).build()
    /// ```
    public func capturing(_ capture: CaptureTransport) -> PipelineBuilder {
        let channels = declaredChannels.union(currentChannels.map(\.channel)).union([.email])
        return channels.reduce(self) { builder, channel in builder.transport(capture, for: channel) }
    }
}
