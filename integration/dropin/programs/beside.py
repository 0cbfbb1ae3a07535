VALUE = "beside the program"
