/// placeholder
struct SubsetCache { }
