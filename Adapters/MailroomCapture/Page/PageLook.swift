/// The look of Mailroom's pages, for those of other commands.
package enum PageLook {
    /// Colours, letters, buttons and what else they have in common, as CSS.
    package static var style: [UInt8] { PackageResources.page_css }
    /// The icon, as SVG.
    package static var icon: [UInt8] { PackageResources.icon_svg }
}
