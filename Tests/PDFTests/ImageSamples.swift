import Foundation
import TestSupport
import XCTest

/// Images made by another program (Pillow), and what it takes them to show on white paper.
enum ImageSamples {
    private static let script = """
        import sys, io, random, zlib
        from PIL import Image
        random.seed(5)
        folder = sys.argv[1] + "/"
        W, H = 61, 43
        photo = Image.new("RGB", (W, H))
        photo.putdata([((x * 4) % 256, (y * 6) % 256, (x * y) // 11 % 256) for y in range(H) for x in range(W)])
        alpha = Image.new("L", (W, H))
        alpha.putdata([min(255, x * 5) for y in range(H) for x in range(W)])
        def save(name, image, shown=None, **options):
            image.save(folder + name, **options)
            shown = Image.open(folder + name) if shown is None else shown
            shown = shown.convert("RGBA")
            paper = Image.new("RGBA", shown.size, "white")
            paper.alpha_composite(shown)
            paper.convert("RGB").save(folder + name + ".ppm")
        layered = photo.copy()
        layered.putalpha(alpha)
        save("rgb.png", photo)
        save("rgba.png", layered, optimize=True)
        save("grey.png", photo.convert("L"))
        save("greyalpha.png", layered.convert("LA"))
        save("palette.png", photo.quantize(200))
        save("small-palette.png", photo.quantize(5))
        save("palette-alpha.png", photo.quantize(64), transparency=bytes(range(0, 256, 4)))
        save("bilevel.png", photo.convert("1"))
        save("key.png", photo, transparency=(0, 0, 0))
        save("profile.png", photo, icc_profile=b"not a profile", dpi=(300, 300))
        save("baseline.jpg", photo, quality=92)
        save("whole.jpg", photo, quality=92, subsampling=0, dpi=(150, 150), comment=b"secret comment")
        save("progressive.jpg", photo, quality=92, progressive=True)
        save("restarts.jpg", photo, quality=92, restart_marker_blocks=2)
        save("grey.jpg", photo.convert("L"), quality=92)
        save("cmyk.jpg", photo.convert("CMYK"), quality=92)
        save("profile.jpg", photo, quality=92, icc_profile=b"secret profile" * 9)
        from PIL import ImageOps
        for number in range(1, 9):
            exif = Image.Exif()
            exif[0x0112] = number
            exif[0x010F] = "secret camera"
            name = "turned%d.jpg" % number
            photo.save(folder + name, quality=92, exif=exif)
            save(name, photo, ImageOps.exif_transpose(Image.open(folder + name)), quality=92, exif=exif)
        plain = bytes(random.choice(b"aaaabcdefgh \\n") for _ in range(12000)) + bytes(9000) + random.randbytes(2000)
        open(folder + "plain", "wb").write(plain)
        for level in range(0, 10):
            for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE):
                maker = zlib.compressobj(level, zlib.DEFLATED, 15, 9, strategy)
                open(folder + "%d-%d.zlib" % (level, strategy), "wb").write(maker.compress(plain) + maker.flush())
        """

    private static let made = Result {
        let folder = TestFolder()
        let outcome = try Programs.run(Programs.python(with: "PIL"), ["-c", script, folder.path])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        return Dictionary(uniqueKeysWithValues: folder.names().map { ($0, folder.bytes($0)) })
    }

    /// The files by name, made once.
    static func files() throws -> [String: [UInt8]] { try made.get() }
}
