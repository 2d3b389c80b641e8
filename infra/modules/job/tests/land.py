print("landed")
